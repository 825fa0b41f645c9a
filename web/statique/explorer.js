// The explorer of the API's library, on our description; it writes nothing by the session, only by a token typed in.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("explorer");
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    persistAuthorization: false,
  });
});
