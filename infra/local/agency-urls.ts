import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonValue, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { type AgencyName, agencyNames } from './seed/agencies.ts';

/** Where each agency listens, without a path. */
export type AgencyUrls = Readonly<Record<AgencyName, string>>;

/** The URLs in an object; undefined when one is missing. */
export const toAgencyUrls = (given: object): AgencyUrls | undefined => {
  const found = new Map(Object.entries(given));
  const of = (name: AgencyName): string => {
    const url: unknown = found.get(name);
    return typeof url === 'string' ? url : '';
  };
  const urls = {
    'civil-registry': of('civil-registry'),
    telecom: of('telecom'),
    post: of('post'),
    education: of('education'),
    'social-security': of('social-security'),
    pension: of('pension'),
    police: of('police'),
    companies: of('companies'),
  };
  return agencyNames.every((name) => URL.canParse(urls[name])) ? urls : undefined;
};

const parse = (text: string): JsonValue => {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (error instanceof Problem) return '';
    throw error;
  }
};

/** What {@link keepAgencyUrls} wrote down; undefined when nothing of that kind is there. */
export const readAgencyUrls = async (path: string): Promise<AgencyUrls | undefined> => {
  try {
    const json = parse(await readFile(path, 'utf8'));
    return isJsonObject(json) ? toAgencyUrls(json) : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Writes down what the registry says from now on. */
export const keepAgencyUrls = async (path: string, urls: AgencyUrls): Promise<void> => {
  await writeFile(`${path}.new`, `${JSON.stringify(urls, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
};

/** Before the registry is changed: should that be broken off, nobody knows what it says. */
export const forgetAgencyUrls = (path: string): Promise<void> => rm(path, { force: true });
