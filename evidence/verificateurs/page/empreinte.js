// SHA-256 (FIPS 180-4), part by part: WebCrypto has it whole only, and each of its calls costs more than a short text.
// CRC-32 of ZIP, eight bytes a step.

const K = racines(64, 3);
const DEBUT = racines(8, 2);

/** The first 32 bits of the fractional parts of the roots of the first primes: the constants of SHA-256. */
function racines(combien, degre) {
  const trouvees = [];
  for (let n = 2; trouvees.length < combien; n++) {
    let premier = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) premier = false;
    if (premier) trouvees.push(racine(BigInt(n) << BigInt(32 * degre), BigInt(degre)));
  }
  return Int32Array.from(trouvees);
}

/** The whole root of n, its last 32 bits. */
function racine(n, degre) {
  let [bas, haut] = [0n, 1n << 48n];
  while (haut - bas > 1n) {
    const milieu = (bas + haut) >> 1n;
    if (milieu ** degre <= n) bas = milieu;
    else haut = milieu;
  }
  return Number(BigInt.asIntN(32, bas));
}

export class Sha256 {
  #etat = Int32Array.from(DEBUT);
  #reste = new Uint8Array(64);
  #vue = new DataView(this.#reste.buffer);
  #mots = new Int32Array(64);
  #longueur = 0;

  ajoute(octets) {
    let place = 0;
    let plein = this.#longueur % 64;
    this.#longueur += octets.length;
    if (plein > 0) {
      place = Math.min(64 - plein, octets.length);
      this.#reste.set(octets.subarray(0, place), plein);
      plein += place;
      if (plein < 64) return this;
      this.#bloc(this.#vue, 0);
    }
    const vue = new DataView(octets.buffer, octets.byteOffset, octets.length);
    for (; place + 64 <= octets.length; place += 64) this.#bloc(vue, place);
    this.#reste.set(octets.subarray(place));
    return this;
  }

  /** The digest; nothing is added after it. */
  fin() {
    const plein = this.#longueur % 64;
    this.#reste.fill(0, plein);
    this.#reste[plein] = 0x80;
    if (plein >= 56) {
      this.#bloc(this.#vue, 0);
      this.#reste.fill(0);
    }
    this.#vue.setUint32(56, Math.floor(this.#longueur / 0x20000000));
    this.#vue.setUint32(60, (this.#longueur << 3) >>> 0);
    this.#bloc(this.#vue, 0);
    const empreinte = new Uint8Array(32);
    const sortie = new DataView(empreinte.buffer);
    for (let i = 0; i < 8; i++) sortie.setInt32(4 * i, this.#etat[i]);
    return empreinte;
  }

  #bloc(vue, place) {
    const w = this.#mots;
    for (let i = 0; i < 16; i++) w[i] = vue.getInt32(place + 4 * i);
    melange(w, this.#etat);
  }
}

/** One block of 64 bytes, whose words are the first sixteen of `w`. */
function melange(w, h) {
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], z = h[7]; // prettier-ignore
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (z + s1 + (g ^ (e & (f ^ g))) + K[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0;
    z = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
  h[4] += e;
  h[5] += f;
  h[6] += g;
  h[7] += z;
}

/** SHA-256 of these bytes one after the other. */
export function sha256(...parties) {
  const calcul = new Sha256();
  for (const partie of parties) calcul.ajoute(partie);
  return calcul.fin();
}

const TABLES = tables();

function tables() {
  const faites = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let i = 0; i < 8; i++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    faites[0][n] = c;
  }
  for (let n = 0; n < 256; n++) {
    for (let i = 1; i < 8; i++) faites[i][n] = (faites[i - 1][n] >>> 8) ^ faites[0][faites[i - 1][n] & 255];
  }
  return faites;
}

/** CRC-32 of what gave `avant` followed by these bytes. */
export function crc32(octets, avant = 0) {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  let c = ~avant;
  let i = 0;
  for (const fin = octets.length - 7; i < fin; i += 8) {
    c ^= octets[i] | (octets[i + 1] << 8) | (octets[i + 2] << 16) | (octets[i + 3] << 24);
    c =
      t7[c & 255] ^
      t6[(c >>> 8) & 255] ^
      t5[(c >>> 16) & 255] ^
      t4[c >>> 24] ^
      t3[octets[i + 4]] ^
      t2[octets[i + 5]] ^
      t1[octets[i + 6]] ^
      t0[octets[i + 7]];
  }
  for (; i < octets.length; i++) c = (c >>> 8) ^ t0[(c ^ octets[i]) & 255];
  return ~c >>> 0;
}
