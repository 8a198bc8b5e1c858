import { readFileSync } from 'node:fs';
import os from 'node:os';

/** The distribution this computer runs, as `/etc/os-release` names it. */
export interface Distribution {
  /** `ID`, such as `debian`; the platform's name where there is no such file. */
  id: string;
  /** `VERSION_ID`, such as `12`; rolling distributions have none, then `rolling`. */
  version: string;
  /** `ID_LIKE`: the distributions it descends from, nearest first. */
  like: string[];
}

/** Reads the text of an os-release file (freedesktop.org os-release(5)); unknown and broken lines are ignored. */
export function parseOsRelease(text: string): Distribution {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], unquote(match[2]));
  }
  return {
    id: values.get('ID') || 'linux',
    version: values.get('VERSION_ID') || 'rolling',
    like: (values.get('ID_LIKE') ?? '').split(/\s+/).filter((id) => id !== ''),
  };
}

/** The distribution of this computer. */
export function readDistribution(): Distribution {
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return parseOsRelease(readFileSync(file, 'utf8'));
    } catch {
      // os-release(5): the second place is read only when the first is missing.
    }
  }
  return { id: os.platform(), version: os.release(), like: [] };
}

/** Whether packages come from apt: Debian itself or a descendant. */
export function isDebian(distribution: Distribution): boolean {
  return distribution.id === 'debian' || distribution.like.includes('debian');
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted?.[2] === undefined ? value : quoted[2].replace(/\\(["'$`\\])/g, '$1');
}
