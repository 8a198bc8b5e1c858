import { type Config, loadConfig } from './load.ts';
import { settingEntries } from './settings.ts';

/** One setting as an operator sees it. */
export interface ConfigRow {
  readonly variable: string;
  /** Null when unset and without a default; a secret reads `(hidden)`. */
  readonly value: string | number | boolean | null;
  readonly source: 'environment' | 'default';
}

/**
 * The configuration that an environment makes, row by row, secrets hidden.
 *
 * @throws {ConfigError} as `loadConfig`
 *
 * @example
 * ```ts
 * const rows = describeConfig({ ROOMKEY_PORT: '9000' });
 * rows.find(({ variable }) => variable === 'ROOMKEY_PORT'); // { variable: 'ROOMKEY_PORT', value: 9000, source: 'environment' }
 * ```
 */
export function describeConfig(env: NodeJS.ProcessEnv): readonly ConfigRow[] {
  const config = loadConfig(env);
  return settingEntries.map(([name, { variable, secret }]) => {
    const value: Config[typeof name] = config[name];
    return {
      variable,
      value: value === undefined ? null : secret || value instanceof Uint8Array ? '(hidden)' : value,
      source: env[variable] ? 'environment' : 'default',
    };
  });
}

/**
 * The table of `docs/configuration.md`.
 *
 * @example
 * ```ts
 * configurationTable().split('\n')[0]; // '| variable | default | meaning |'
 * ```
 */
export function configurationTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = settingEntries.map(([, { variable, about, fallback, fallbackAbout }]) => {
    const standard = fallbackAbout ?? (fallback === undefined ? 'none' : `\`${fallback}\``);
    return `| \`${variable}\` | ${cell(standard)} | ${cell(about)} |`;
  });
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
