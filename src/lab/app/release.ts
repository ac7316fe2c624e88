import { readFileSync } from 'node:fs'
import type { AppRelease } from '../../core/lab-step.ts'

export const firstRelease = (usersTable: string): AppRelease => ({
  name: 'v1',
  statements: {
    read: `select password_hash from ${usersTable} where id = $1`,
    write: `update ${usersTable} set last_login = now() where id = $1`,
  },
})

/** Null where a hand that edits it has not finished. */
export function readRelease(file: string): AppRelease | null {
  const value = parse(readFileSync(file, 'utf8'))
  if (!isRecord(value) || !isRecord(value['statements'])) return null
  const { name, statements, password, wrongShare } = value
  const { read, write } = statements
  if (typeof name !== 'string' || typeof read !== 'string' || typeof write !== 'string') return null
  return {
    name,
    statements: { read, write },
    ...(typeof password === 'string' && { password }),
    ...(typeof wrongShare === 'number' && { wrongShare }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
