// Everything here only makes a working page pleasanter: without script all
// forms send, all links lead on.
import { areas } from "./areas";
import { confirms } from "./confirm";
import { copies } from "./copy";
import { filters } from "./filters";
import { photos } from "./photos";
import { quantities } from "./quantity";
import { searches } from "./search";
import { signouts } from "./signout";

for (const enhance of [areas, confirms, copies, filters, photos, quantities, signouts, searches]) enhance(document);

document.querySelector<HTMLElement>("[data-focus]")?.focus();
