import { spawn, spawnSync, type ChildProcess } from 'node:child_process'

/** Lines of `ps` about processes that have a word in their command line. For tests. */
export function processesWith(word: string): readonly string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,uid=,args='], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes(word) && !line.includes('keeper'))
}

export interface ProgramOptions {
  readonly uid?: number
  readonly gid?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A process of its own, in a group of its own, that runs a module's text; modules of this folder are under `lab`. */
export function startProgram(text: string, { env, ...owner }: ProgramOptions = {}): ChildProcess {
  const url = JSON.stringify(new URL('.', import.meta.url).href)
  const whole = `const lab = (name) => import(new URL(name, ${url}).href)\n${text}`
  return spawn(process.execPath, ['--input-type=module', '--eval', whole], {
    ...owner,
    cwd: '/',
    detached: true,
    env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** The first line that it prints. */
export async function firstLine(program: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    program.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const end = said.indexOf('\n')
      if (end >= 0) resolve(said.slice(0, end))
    })
    program.once('exit', (code) => reject(new Error(`it ended with ${code} and said: ${said}`)))
  })
}
