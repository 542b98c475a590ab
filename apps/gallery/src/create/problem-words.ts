import { useTranslations } from 'use-intl';

/**
 * The rules of core whose messages the page has in its own words, which speak of the form instead of the fields of a request. A message that
 * none of them knows is shown as core has it. A test breaks each rule, so that another wording in core does not go unnoticed.
 */
const RULES = [
  ['promptEmpty', /^prompt is empty/],
  ['promptLong', /^prompt has \d+ characters, at most (?<limit>\d+) .* by (?<surplus>\d+)\.$/],
  ['size4KModel', /^size "4K" is only for wan2\.7-image-pro/],
  ['size4KInput', /^size "4K" is only for text-to-image, not with an input/],
  ['size4KSet', /^size "4K" is only for single images/],
  ['sizeLargeInput', /^size .* has \d+ pixels, at most .* with an input image/],
  ['sizeLargeSet', /^size .* has \d+ pixels, at most .* in an image set/],
  ['sizeSmall', /^size .* has \d+ pixels, text-to-image allows .*: make it larger/],
  ['sizeLarge', /^size .* has \d+ pixels, text-to-image allows .*: make it smaller/],
  ['sizeRatio', /^size .* has an aspect ratio outside/],
  ['sizeSpelling', /^Invalid size/],
  ['seed', /^seed must be a whole number from 0 to (?<limit>\d+)/],
  ['imageCount', /^image must be a URL or data URI, or a list of 1 to (?<limit>\d+)/],
  ['imageUrl', /^image(?:\[\d+\])? must be an http\(s\) URL/],
  ['imageEmpty', /^image(?:\[\d+\])? is empty/],
  ['imageBytes', /^image(?:\[\d+\])? has \d+ bytes, at most/],
  ['imageSides', /^image(?:\[\d+\])? is \d+x\d+ px, each side must have (?<least>\d+) to (?<most>\d+)/],
  ['imageRatio', /^image(?:\[\d+\])? is \d+x\d+ px, its aspect ratio/],
  ['imageAlpha', /^image(?:\[\d+\])? is a PNG with an alpha channel/],
  ['imageMetadata', /^image(?:\[\d+\])? is a PNG with more than/],
  ['imageFormat', /^image(?:\[\d+\])? is not a JPEG/],
  ['imageCorrupt', /^image(?:\[\d+\])? is a corrupt/],
  ['imageMissing', /^image is no longer in this browser/],
] as const;

type Rule = (typeof RULES)[number][0];

/** The rule that a message of core is about, and the numbers in it; null if the page has no words of its own. */
export function ruleOf(
  message: string,
): { readonly rule: Rule; readonly values: Readonly<Record<string, number>> } | null {
  for (const [rule, pattern] of RULES) {
    const match = pattern.exec(message);
    if (match === null) continue;
    const values = Object.entries(match.groups ?? {}).map(([name, value]) => [name, Number(value)] as const);
    return { rule, values: Object.fromEntries(values) };
  }
  return null;
}

/** Problems of files that a conversion to JPEG solves. */
const CONVERTIBLE: ReadonlySet<Rule> = new Set([
  'imageBytes',
  'imageSides',
  'imageAlpha',
  'imageMetadata',
  'imageFormat',
] as const);

/** Whether a conversion makes an allowed image of a file with this problem. One that is too small stays too small. */
export function isConvertible(message: string, shortestSide: number | null): boolean {
  const found = ruleOf(message);
  if (found === null || !CONVERTIBLE.has(found.rule)) return false;
  return found.rule !== 'imageSides' || (shortestSide ?? 0) >= (found.values['least'] ?? 0);
}

/** Puts messages of core into the words of the page. */
export function useProblemWords(): (message: string) => string {
  const t = useTranslations('create.problems');
  return (message) => {
    const found = ruleOf(message);
    return found === null ? message : t(found.rule, { ...NO_VALUES, ...found.values });
  };
}

/** Every name of a number in {@link RULES}: one set of values suits each text. */
const NO_VALUES = { limit: 0, surplus: 0, least: 0, most: 0 };
