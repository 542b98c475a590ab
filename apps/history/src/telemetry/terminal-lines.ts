import type { WriteStream } from 'node:tty';
import type { DestinationStream } from 'pino';
import { prettyFactory } from 'pino-pretty';

/** Control characters but the ends of lines and tabs: a text of a client or an upstream must not move the cursor of the operator. */
const CONTROL = /[^\P{Cc}\n\t]/gu;

type Terminal = { write(text: string): unknown } & Pick<WriteStream, 'hasColors'>;

interface LogEntry {
  readonly msg?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

/**
 * Writes the lines of the log for a person at a terminal, each in the call that logs it. What it gets is redacted already, as everywhere.
 * An error without a stack continues the message.
 */
export function terminalLines(terminal: Terminal): DestinationStream {
  const format = prettyFactory({
    colorize: terminal.hasColors(),
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'service',
  });
  return {
    write(line) {
      terminal.write(format(readable(JSON.parse(line, withoutControl) as LogEntry)));
    },
  };
}

function withoutControl(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(CONTROL, '\uFFFD') : value;
}

function readable(line: LogEntry): object {
  const { err, ...others } = line;
  if (err === undefined || err.stack !== undefined) return line;
  return { ...others, msg: `${line.msg ?? ''}: ${err.message ?? ''}` };
}
