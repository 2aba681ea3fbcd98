// Cuts Be Vietnam Pro down to what Vietnamese and English pages need: two
// weights of about 10 KB each, against 65 KB for the published subsets.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import subsetFont from "subset-font";

const range = (from, to) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join("");

// Vietnamese is written with precomposed letters; the server sends NFC.
const vietnamese =
  "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư" + range(0x1ea0, 0x1ef9);
const letters = range(0x20, 0x7e) + vietnamese + "–—‘’“”…·•×₫°²→\u00a0";

const files = { 400: "400Regular", 600: "600SemiBold" };

export const weights = Object.keys(files);

export async function font(weight) {
  const style = files[weight];
  const url = import.meta.resolve(
    `@expo-google-fonts/be-vietnam-pro/${style}/BeVietnamPro_${style}.ttf`,
  );
  return subsetFont(await readFile(fileURLToPath(url)), letters, {
    targetFormat: "woff2",
    noHinting: true,
    keepFeatures: ["kern", "tnum", "mark", "ccmp"],
  });
}
