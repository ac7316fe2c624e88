import { table } from '../report/table.ts'
import type { CommandEntry } from './command.ts'
import { globalOptions } from './parse.ts'

/** What there is, for `antemortem --help`, or for the commands of one word (`antemortem drill`). */
export function overview(commands: readonly CommandEntry[], words: string, width: number): string {
  const shown = commands.filter(({ name }) => words === '' || name.startsWith(`${words} `))
  const rows = shown.map(({ name, summary }) => [`  ${name}`, summary])
  const options = globalOptions.map(([flags, summary]) => [`  ${flags}`, summary])
  const lines = [
    words === '' ? 'The outage you already had, never again.' : `antemortem ${words}: choose one.`,
    '',
    'Usage: antemortem [options] COMMAND …',
    '',
    'Commands:',
    ...table(rows, { width }),
    '',
    'Options, before or after the command:',
    ...table([...options, ['  --version', 'prints the version'], ['  --help', 'of every command shows an example']], {
      width,
    }),
    '',
    'Exit: 0 done · 1 done, and the answer is no · 2 usage or configuration · 3 could not observe or act ·',
    '      4 acted, failed and rolled back, or needs a person · 70 a bug · 130 interrupted',
  ]
  return `${lines.join('\n')}\n`
}
