import { defineCheck } from '../../core/check.ts'
import { sqlName } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** With too little the server answers with empty columns, which look like health; with too much the monitor is a way in. */
export default defineCheck({
  id: 'configuration/monitor-privilege',
  on: ['postgres'],
  severity: 'error',
  needs: ['privileges', 'server'],
  question: 'May the reading role see what it must, and nothing that it must not?',
  seeds: [1],
  *run({ nodes }) {
    for (const node of nodes) {
      const { role, superuser, monitor, readAllData, writes } = node.privileges
      // A physical standby has its primary's roles.
      if (node.server.inRecovery && nodes.some(({ name }) => name === node.upstream)) continue
      const name = sqlName(role)
      const evidence = {
        rolname: role,
        rolsuper: superuser,
        pg_monitor: monitor,
        pg_read_all_data: readAllData,
        writes,
      }
      if (!monitor && !superuser)
        yield {
          subject: subject.role(node.name, role),
          node: node.name,
          message: `${role} is half blind on ${node.name}: it lacks pg_monitor, and what it does not see is no health`,
          evidence,
          remedy: `On ${node.name}${node.server.inRecovery ? "'s primary" : ''}: grant pg_monitor to ${name};`,
        }
      const tooMuch = [
        ...(superuser
          ? [['is a superuser', `alter role ${name} nosuperuser; grant pg_monitor to ${name};`] as const]
          : []),
        ...(readAllData && !superuser
          ? [['may read all data (passwords of subscriptions too)', `revoke pg_read_all_data from ${name};`] as const]
          : []),
        ...(writes && !superuser
          ? [['may write', `revoke pg_write_all_data from ${name}; reassign owned by ${name} to …;`] as const]
          : []),
      ]
      if (tooMuch.length > 0)
        yield {
          subject: subject.role(node.name, role),
          node: node.name,
          severity: 'warning',
          message: `${role}, which only reads, ${tooMuch.map(([what]) => what).join(' and ')} on ${node.name}`,
          evidence,
          remedy: `Use a role of its own, with pg_monitor. On ${node.name}: ${tooMuch.map(([, order]) => order).join(' ')}`,
        }
    }
  },
})
