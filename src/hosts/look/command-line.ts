import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOfError } from '../reading.ts'
import { keepsNothing, type Depends } from './unmoved.ts'

/** How the server was last started, from `postmaster.opts`: it is there also when the server is not. */
export interface CommandLine {
  /** Full path of the program; null where the file says none. */
  readonly program: string | null
  /** Settings of `-c NAME=VALUE` and `--NAME=VALUE`. */
  readonly settings: Readonly<Record<string, string>>
}

const none: CommandLine = { program: null, settings: {} }

export async function readCommandLine(dataDir: string, depends: Depends = keepsNothing): Promise<CommandLine> {
  const file = join(dataDir, 'postmaster.opts')
  try {
    await depends(file)
    return commandLineOf((await readFile(file, 'utf8')).slice(0, 65_536))
  } catch (error) {
    if (codeOfError(error) === null) throw error
    return none
  }
}

/** One line: the program, then each argument in double quotes. */
export function commandLineOf(text: string): CommandLine {
  const program = /^(.*?)(?= "|\s*$)/.exec(text.split('\n')[0] ?? '')?.[1] ?? ''
  const words = [...text.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word)
  const settings = words.flatMap((word, n): [string, string][] => {
    const assigned = words[n - 1] === '-c' ? word : (/^(?:--|-c)(?=[A-Za-z_])(.+)$/.exec(word)?.[1] ?? '')
    const [, name, value] = /^([\w.-]+)=([\s\S]*)$/.exec(assigned) ?? []
    return name === undefined || value === undefined ? [] : [[name.toLowerCase().replaceAll('-', '_'), value]]
  })
  return { program: program.startsWith('/') ? program : null, settings: Object.fromEntries(settings) }
}
