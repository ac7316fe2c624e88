import { freePorts } from '../../src/lab/ports.ts'
import { configurationSettled, describedAnew, newUser, reloadWith, session } from './doing.ts'
import { state } from './state.ts'

state('restart-pending', {
  breaks: async ({ lab }) => reloadWith(lab, 'primary', { shared_buffers: '24MB' }),
  mends: async ({ lab }) => reloadWith(lab, 'primary', { shared_buffers: '16MB' }),
})

state('setting-not-taken', {
  breaks: async ({ lab }) => reloadWith(lab, 'primary', { work_mem: 'lots' }),
  mends: async ({ lab }) => reloadWith(lab, 'primary', { work_mem: '4MB' }),
})

state('access-rule-mistyped', {
  breaks: async ({ lab }) => {
    lab.addAccessRules('primary', ['host all all 10.0.0.0/8 scramm-sha-256'], 'end')
    lab.reload('primary')
    await Promise.resolve()
  },
})

state('access-rule-not-loaded', {
  prepares: async (lab) => configurationSettled(lab, 'primary'),
  breaks: async ({ lab }) => {
    lab.addAccessRules('primary', ['host all all 10.0.0.0/8 reject'], 'end')
    await describedAnew(lab, 'primary')
  },
  mends: async ({ lab }) => {
    lab.reload('primary')
    await Promise.resolve()
  },
})

state('access-refused', {
  breaks: async ({ lab }) => {
    lab.addAccessRules('primary', ['host all app 127.0.0.1/32 reject'], 'top')
    lab.reload('primary')
    await Promise.resolve()
  },
  mends: async ({ lab }) => {
    lab.addAccessRules('primary', ['host all app 127.0.0.1/32 scram-sha-256'], 'top')
    lab.reload('primary')
    await Promise.resolve()
  },
})

state('password-expired', {
  breaks: async ({ lab }) => lab.rows('primary', `alter role app valid until '2020-01-01'`),
  mends: async ({ lab }) => lab.rows('primary', `alter role app valid until 'infinity'`),
})

state('role-limit-reached', {
  breaks: async (doing) => {
    for (let n = 1; n <= 4; n += 1) await session(doing, 'primary', `login-${n}`)
    await doing.lab.rows('primary', 'alter role app connection limit 4')
  },
  mends: async ({ lab }) => lab.rows('primary', 'alter role app connection limit -1'),
})

state('role-timeout-too-short', {
  breaks: async ({ lab }) => lab.rows('primary', `alter role app set statement_timeout = '1ms'`),
  mends: async ({ lab }) => lab.rows('primary', 'alter role app reset statement_timeout'),
})

state('writes-forbidden', {
  breaks: async ({ lab }) => reloadWith(lab, 'primary', { default_transaction_read_only: 'on' }),
  mends: async ({ lab }) => reloadWith(lab, 'primary', { default_transaction_read_only: 'off' }),
})

state('reader-without-pg-monitor', {
  breaks: async ({ lab }) => {
    await lab.rows('primary', 'revoke pg_monitor from antemortem')
    await describedAnew(lab, 'primary')
  },
  mends: async ({ lab }) => {
    await lab.rows('primary', 'grant pg_monitor to antemortem')
    await describedAnew(lab, 'primary')
  },
})

state('primary-not-started-again', {
  breaks: async ({ lab }) => {
    lab.setConf('primary', { shared_preload_libraries: 'no_such_library' })
    await lab.stop('primary', 'fast')
    await lab.start('primary').catch(() => undefined)
  },
  mends: async ({ lab }) => {
    lab.setConf('primary', { shared_preload_libraries: '' })
    await lab.start('primary')
  },
})

state('primary-on-another-port', {
  breaks: async ({ lab }) => {
    const [port = 0] = await freePorts(1)
    lab.setConf('primary', { port: String(port) })
    await lab.restart('primary')
  },
  mends: async ({ lab }) => {
    lab.setConf('primary', { port: String(lab.node('primary').port) })
    await lab.restart('primary')
  },
})

state('primary-killed', {
  breaks: async ({ lab }) => lab.stop('primary', 'kill'),
  mends: async ({ lab }) => {
    await lab.start('primary')
    await lab.rows('primary', newUser(6000))
  },
})
