/**
 * Makes the pictures of the docs in docs/pictures/, from the real program: of the page in a real browser, and of commands on a
 * real terminal.
 *
 *     node scripts/screenshots.ts                all of them
 *     node scripts/screenshots.ts --terminals    those of commands alone
 *     node scripts/screenshots.ts --all FOLDER   the page in every width and colour scheme, whole, to be looked at
 */
import { mkdirSync } from "node:fs";
import { buildIfStale } from "./bundle/stale.ts";
import { commandsOf } from "./pictures/commands.ts";
import { picturesOfPage, wholePages } from "./pictures/page-pictures.ts";
import { stage } from "./pictures/scene.ts";

/** So that the last hour has something to show. */
const seconds_before = { docs: 95, all: 45 };

buildIfStale();
const [option, all_folder] = process.argv.slice(2);
const is_all = option === "--all" && all_folder !== undefined;
const folder = is_all ? all_folder : "docs/pictures";
mkdirSync(folder, { recursive: true });
const scene = await stage();
try {
  const commands = is_all ? undefined : commandsOf(scene, folder);
  const seconds = is_all ? seconds_before.all : seconds_before.docs;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  if (is_all) await wholePages(scene.url, folder);
  else {
    await commands!.draw();
    if (option !== "--terminals") await picturesOfPage(scene.url, folder);
  }
} finally {
  await scene.close();
}
