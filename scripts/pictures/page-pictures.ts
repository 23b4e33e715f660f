/** Pictures of the page, in a real browser. */
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";

const schemes = ["light", "dark"] as const;
const widths = [400, 800, 1600];
const event =
  '{"api":{"name":"PutObject","statusCode":200},"requestHeader":{"Authorization":"Basic YWxpY2U6b3Blbi1zZXNhbWU="}}';

/** Those of the docs: what is first seen of it. */
export async function picturesOfPage(url: string, folder: string): Promise<void> {
  await withBrowser(async (browser) => {
    for (const scheme of schemes) {
      const path = join(folder, `page-${scheme}.png`);
      await picture(browser, { url, path, width: 1200, height: 980, scheme, is_whole: false });
    }
  });
}

/** Each width and scheme from top to bottom, with an event that was tried. */
export async function wholePages(url: string, folder: string): Promise<void> {
  await withBrowser(async (browser) => {
    for (const scheme of schemes) {
      for (const width of widths) {
        const path = join(folder, `page-${width}-${scheme}.png`);
        await picture(browser, { url, path, width, height: 1000, scheme, is_whole: true });
      }
    }
  });
}

async function withBrowser(use: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

interface PictureOf {
  readonly url: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: (typeof schemes)[number];
  readonly is_whole: boolean;
}

async function picture(browser: Browser, of: PictureOf): Promise<void> {
  const { url, path, width, height, scheme, is_whole } = of;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(url);
  await page.locator(".flow .box").first().waitFor();
  // Rates need two looks, and some more to be smooth.
  await page.waitForTimeout(6000);
  if (is_whole) {
    await page.getByLabel("Event", { exact: true }).fill(event);
    await page.getByRole("button", { name: "Try it" }).click();
    await page.locator(".tried .event").waitFor();
  }
  await page.screenshot({ path, fullPage: is_whole });
  await page.close();
}
