import { Argument, type Command } from 'commander';
import { wholeNumber } from './values.ts';

/** Options that every command of an operator takes. */
export interface OperatorOptions {
  readonly cause?: string;
  readonly json?: true;
}

/** Adds `--json`, which every command takes. */
export const addJsonOption = (command: Command): Command => command.option('--json', 'print one JSON object');

/** Adds what every command takes that changes something for members. */
export const addOperatorOptions = (command: Command, says = 'a short reason, for the journal'): Command =>
  addJsonOption(command.option('--cause <text>', says));

/** The application that a command is about. */
export const sdkAppIdArgument = (): Argument =>
  new Argument('<sdkAppId>', 'number of the application').argParser(wholeNumber);
