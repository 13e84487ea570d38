// Where each state of a procedure stands in its picture. Only what a procedure does when all goes well is drawn, and what it
// does while it waits; what a failure leads to (reached by Catch alone) is left out, but for reminders.

export const WIDTH = 200, HEIGHT = 40, GAP_X = 28, GAP_Y = 26, DOT = 14;

const onwards = (state) => [...(state.Choices ?? []).map((choice) => choice.Next), state.Default, state.Next].filter(Boolean);

/** A state machine (parsed ASL) -> {width, height, states: [{id, kind, x, y}], ways: [{from, to, back}]}. Top to bottom by distance from the start. */
export function layout(machine) {
  const states = machine.States, rank = { [machine.StartAt]: 0 }, order = [machine.StartAt];
  // Longest way from the start over edges that do not lead back: a state stands below all that come before it.
  const walk = (id, path) => {
    for (const next of onwards(states[id])) {
      if (path.includes(next)) continue;
      if (!(next in rank)) order.push(next);
      if (!(next in rank) || rank[next] < rank[id] + 1) {
        rank[next] = rank[id] + 1;
        walk(next, [...path, next]);
      }
    }
  };
  walk(machine.StartAt, [machine.StartAt]);
  const rows = [];
  for (const id of order) (rows[rank[id]] ??= []).push(id);
  const columns = Math.max(...rows.map((row) => row?.length ?? 0));
  const width = columns * WIDTH + (columns - 1) * GAP_X;
  const placed = {};
  let y = 0;
  for (const row of rows) {
    if (!row) continue;
    const choices = row.every((id) => states[id].Type === 'Choice');
    const high = choices ? DOT : HEIGHT;
    const full = row.length * WIDTH + (row.length - 1) * GAP_X;
    row.forEach((id, place) => {
      placed[id] = { id, kind: states[id].Type, x: (width - full) / 2 + place * (WIDTH + GAP_X), y, height: states[id].Type === 'Choice' ? DOT : HEIGHT };
    });
    y += high + GAP_Y;
  }
  const ways = order.flatMap((from) => [...new Set(onwards(states[from]))].filter((to) => placed[to])
    .map((to) => ({ from, to, back: placed[to].y <= placed[from].y })));
  return { width, height: y - GAP_Y, states: order.map((id) => placed[id]), ways };
}
