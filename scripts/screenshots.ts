/**
 * Makes the pictures of the page in docs/pictures/, from the real program in a real browser:
 *
 *     node scripts/screenshots.ts                the pictures of the docs
 *     node scripts/screenshots.ts --all FOLDER   every width and colour scheme, whole, to be looked at
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { buildIfStale } from "./bundle/stale.ts";
import { stage } from "./pictures/scene.ts";

const schemes = ["light", "dark"] as const;
const seconds_before = { docs: 95, all: 45 };
const event =
  '{"api":{"name":"PutObject","statusCode":200},"requestHeader":{"Authorization":"Basic YWxpY2U6b3Blbi1zZXNhbWU="}}';

buildIfStale();
const [option, all_folder] = process.argv.slice(2);
const is_all = option === "--all" && all_folder !== undefined;
const folder = is_all ? all_folder : "docs/pictures";
mkdirSync(folder, { recursive: true });
const scene = await stage();
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const seconds = is_all ? seconds_before.all : seconds_before.docs;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  for (const scheme of schemes) {
    if (!is_all) await picture(browser, { width: 1200, height: 980, scheme, name: "page" });
    else {
      for (const width of [400, 800, 1600]) {
        await picture(browser, { width, height: 1000, scheme, name: `page-${width}` });
      }
    }
  }
} finally {
  await browser.close();
  await scene.close();
}

interface PictureOf {
  readonly width: number;
  readonly height: number;
  readonly scheme: (typeof schemes)[number];
  readonly name: string;
}

async function picture(from: Browser, { width, height, scheme, name }: PictureOf): Promise<void> {
  const page = await from.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(scene.url);
  await page.locator(".flow .box").first().waitFor();
  // Rates need two looks, and some more to be smooth.
  await page.waitForTimeout(6000);
  if (is_all) {
    await page.getByLabel("Event", { exact: true }).fill(event);
    await page.getByRole("button", { name: "Try it" }).click();
    await page.locator(".tried .event").waitFor();
  }
  await page.screenshot({ path: join(folder, `${name}-${scheme}.png`), fullPage: is_all });
  await page.close();
}
