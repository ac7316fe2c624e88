import { subject } from '../../core/subject.ts'
import type { Drill } from '../scene.ts'
import { withoutFeedback } from '../standby.ts'

/**
 * Seed 1. A job writes a row on the subscriber that the primary writes later: the apply worker fails at it again and again, and
 * all that comes after it stays away. On the standby a forgotten report holds the replay up as well. The servers look normal.
 */
const drill: Drill = {
  id: '1',
  title: 'Most users are shut out: replication stands still, and every server looks normal',
  kind: 'outage',
  serving: ['primary', 'standby'],
  course: [
    { minute: 0, words: 'Alerts' },
    { minute: 15, words: 'The engineers begin' },
    { minute: 90, words: 'They look at the database servers: nothing unusual' },
    { minute: 180, words: 'They hand it to the database administrators' },
    { minute: 300, words: 'They search the application for a bug' },
    { minute: 480, words: 'More people are called, managers among them' },
    { minute: 840, words: 'Replication is found misconfigured' },
    { minute: 960, words: 'Replication is set up again, the data are checked' },
  ],
  original: { toCauseMin: 840, totalMin: 960 },
  guards: { prevent: 'gate:replication/subscriber-written', diagnose: 'drill:1', recover: 'drill:1' },
  act({ names }, random) {
    const { primary, standby, subscriber, subscription, usersTable } = names
    const id = 6001 + random.int(900)
    const write = (amount: number): string =>
      `insert into orders (id, user_id, amount) select ${id}, min(id), ${amount} from ${usersTable}`
    return {
      setup: withoutFeedback(standby, { max_standby_streaming_delay: '-1' }),
      trigger: [
        { do: 'sql', node: subscriber, text: write(1) },
        { do: 'sql', node: primary, text: write(99) },
        {
          do: 'sql',
          node: primary,
          text: `update ${usersTable} set password_hash = md5('new' || id) where id <= 900`,
        },
        { do: 'passwords', from: 1, count: 900, prefix: 'new' },
        // The report comes when the standby has the new passwords: it holds up only what comes after it.
        { do: 'wait', ms: 300 },
        {
          do: 'hold',
          node: standby,
          text: `set transaction isolation level repeatable read; select count(*) from ${usersTable}`,
          application: 'report',
        },
        { do: 'wait', ms: 500 },
        { do: 'sql', node: primary, text: `vacuum ${usersTable}` },
        { do: 'sql', node: primary, text: 'vacuum orders' },
      ],
      truth: {
        cause: 'replication/apply-conflict',
        subject: subject.subscription(subscriber, subscription),
        trigger: null,
        also: ['replication/replay-conflict', 'replication/divergence'],
        symptom: { codes: ['APP_BAD_HASH'], min: 0.2 },
      },
      change: {
        is: 'command',
        asMade: { does: 'sql', node: subscriber, statements: [write(1)] },
        corrected: { does: 'sql', node: primary, statements: [write(1)] },
        inCopy: true,
        expected: {
          rules: ['replication/subscriber-written'],
          objects: [subject.table(subscriber, 'public', 'orders')],
          node: subscriber,
        },
      },
    }
  },
}
export default drill
