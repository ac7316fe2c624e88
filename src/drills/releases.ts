import type { AppRelease } from '../core/lab-step.ts'
import { reading, type Scene } from './scene.ts'

/** Versions of the login application that the drills deploy. What they read is what can hurt them. */

/** Other in nothing but its name: a deployment that only coincides. */
export const sameRelease = (before: AppRelease, name = 'v2_same'): AppRelease => ({ ...before, name })

/** Reads the credentials from a table of their own. */
export const splitRelease = ({ names, release }: Scene, table: string): AppRelease => ({
  ...release,
  name: 'v2_split',
  statements: reading(table, 'user_id', names.usersTable),
})

/** Wants a column that a migration brought. */
export const columnRelease = ({ names, release }: Scene, column: string): AppRelease => ({
  ...release,
  name: 'v2_col',
  statements: {
    ...release.statements,
    read: `select password_hash, ${column} from ${names.usersTable} where id = $1`,
  },
})

/** Shows what the user has ordered in all: it reads every page of the orders. */
export const ordersRelease = ({ names, release }: Scene): AppRelease => ({
  ...release,
  name: 'v2_orders',
  statements: {
    ...release.statements,
    read: `select password_hash, (select sum(amount) from orders) as turnover from ${names.usersTable} where id = $1`,
  },
})

/** Takes an eighth of a second for a read: long enough to be in the way of a replay. */
export const reportRelease = ({ names, release }: Scene): AppRelease => ({
  ...release,
  name: 'v2_report',
  statements: {
    ...release.statements,
    read: `select password_hash, pg_sleep(0.12) from ${names.usersTable} where id = $1`,
  },
})

/** Compares wrongly for a part of its users, whatever the database answers. */
export const buggyRelease = ({ release }: Scene, wrongShare: number): AppRelease => ({
  ...release,
  name: 'v2_bug',
  wrongShare,
})
