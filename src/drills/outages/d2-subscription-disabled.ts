import { subject } from '../../core/subject.ts'
import { sameRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** The subscription is switched off a second after a deployment that changes nothing. No server reports an error. */
const drill: Drill = {
  id: 'd2',
  title: 'Stale logins just after a deployment: the subscription was disabled',
  kind: 'look-alike',
  ...noOriginal,
  act({ names, release }) {
    const { primary, subscriber, subscription, usersTable } = names
    const changed = subject.subscription(subscriber, subscription)
    return {
      trigger: [
        { do: 'release', release: sameRelease(release) },
        { do: 'wait', ms: 1000 },
        { do: 'sql', node: subscriber, text: `alter subscription ${subscription} disable` },
        { do: 'sql', node: primary, text: `update ${usersTable} set password_hash = md5('new' || id) where id <= 900` },
        { do: 'passwords', from: 1, count: 900, prefix: 'new' },
      ],
      truth: {
        cause: 'replication/subscription-disabled',
        subject: changed,
        trigger: changed,
        symptom: { codes: ['APP_BAD_HASH'], min: 0.2 },
      },
    }
  },
}
export default drill
