import { createInterface } from 'node:readline/promises'

/** A question to whoever sits at the terminal; null where nobody does. Only `yes` is yes. */
export async function askYes(question: string, signal: AbortSignal): Promise<boolean | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(`${question} [yes/no] `, { signal })).trim().toLowerCase() === 'yes'
  } finally {
    lines.close()
  }
}
