import type { AccessLine, Login } from './input.ts'

/** The first line that is for the login decides; null: none is. */
export const firstMatch = (lines: readonly AccessLine[], login: Login): AccessLine | null =>
  lines.find((line) => isFor(line, login)) ?? null

export const admits = ({ method }: AccessLine): boolean => method !== 'reject'

function isFor({ type, databases, roles, address }: AccessLine, login: Login): boolean {
  if (!namesDatabase(databases, login.database) || !namesRole(roles, login.role)) return false
  if (type === 'local') return login.address === 'local'
  if (login.address === 'local') return false
  if (type === 'hostssl' && login.tls === false) return false
  if (type === 'hostnossl' && login.tls === true) return false
  // Kerberos encryption is used by nobody whom we know of here.
  if (type === 'hostgssenc') return false
  return address === null || login.address === null || covers(address, login.address)
}

/** "all" does not mean replication; patterns and files (`/…`, `@…`) may mean anybody. */
const namesDatabase = (names: readonly string[], database: string): boolean =>
  names.some((name) => name === database || (name === 'all' && database !== 'replication') || /^[/@]|^same/.test(name))

const namesRole = (names: readonly string[], role: string): boolean =>
  names.some((name) => name === 'all' || name === role || /^[/@+]/.test(name))

/** Does the address of a rule mean this one? Names of hosts may mean any. */
function covers(rule: string, address: string): boolean {
  if (['all', 'samehost', 'samenet'].includes(rule) || !/^[\d.:a-f/]+$/i.test(rule)) return true
  const [base = '', bits = ''] = rule.split('/')
  const [a, b] = [numberOf(base), numberOf(address)]
  if (a === null || b === null) return base.includes(':') === address.includes(':')
  const shift = 32 - Number(bits === '' ? 32 : bits)
  return Math.floor(a / 2 ** shift) === Math.floor(b / 2 ** shift)
}

/** An IPv4 address as a number; null for any other. */
function numberOf(address: string): number | null {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return null
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}
