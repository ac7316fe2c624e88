import { startPgbouncer, type PgbouncerOptions } from '../../../test/pgbouncer.ts'
import { waitUntil } from '../../lab/wait.ts'
import { app, by, hold, lab, resetPassword, type Break, type Broken } from './scene.ts'

const throughPooler =
  (
    options: Partial<PgbouncerOptions>,
    then: (url: string, mend: AsyncDisposableStack) => Broken | Promise<Broken>,
  ): Break =>
  async (mend) => {
    const pooler = mend.use(
      await startPgbouncer({ lab, node: 'primary', mode: 'transaction', roles: ['app'], ...options }),
    )
    return then(pooler.through(app()), mend)
  }

/** With a pooler between. */
export const breakPooler = {
  'pooler-password': throughPooler({}, (url) => ({ url: url.replace(lab.password('app'), 'wrong') })),
  'pooler-database': throughPooler({}, (url) => ({ url: url.replace('/auth', '/autth') })),
  'pooler-full': throughPooler({ settings: { query_wait_timeout: '1' } }, async (url, mend) => {
    await hold(mend, url, 'begin')
    return { url, settings: 'DB_QUERY_TIMEOUT_MS=4000\nDB_CONNECT_TIMEOUT_MS=4000\n' }
  }),
  'pooler-clients': throughPooler({ settings: { max_client_conn: '1' } }, async (url, mend) => {
    // Whoever waited for its port may still be counted.
    await waitUntil('its only client is ours', async () =>
      hold(mend, url).then(
        () => true,
        () => false,
      ),
    )
    return { url }
  }),
  'pooler-server-password': throughPooler({}, async (url, mend) => {
    await by("alter role app password 'another'", resetPassword())(mend)
    return { url }
  }),
  'pooler-server-down': throughPooler(
    { settings: { query_wait_timeout: '1', server_connect_timeout: '1' } },
    async (url, mend) => {
      mend.defer(async () => lab.start('primary'))
      await lab.stop('primary', 'fast')
      return { url, settings: 'DB_CONNECT_TIMEOUT_MS=4000\n' }
    },
  ),
  'pooler-prepared': throughPooler({ settings: { default_pool_size: '3' } }, (url) => ({
    url,
    contract: { prepared: true },
  })),
} satisfies Readonly<Record<string, Break>>
