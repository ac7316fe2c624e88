/** A program: the statements on its command line, one after the other, by DATABASE_URL. What a team's own job or updater would be. */
import { Session } from './sql.ts'

try {
  await Session.use(process.env['DATABASE_URL'] ?? '', async (session) => session.each(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
