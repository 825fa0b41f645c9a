// Helps where there is JavaScript; every page works without it.
"use strict";
// A fragment of the address that names a fact inside a folded group unfolds that group.
function deplier() {
  const named = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = named && named.closest("details");
  if (folded && !folded.open) {
    folded.open = true;
    named.scrollIntoView();
  }
}
addEventListener("hashchange", deplier);
addEventListener("DOMContentLoaded", deplier);
// Everything that is folded is printed.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
