/** Bytes between the parts of a fleet, and the interfaces that carry them. */

/** One way that events travel, all processes together. */
export interface Leg {
  to: "collectors" | "backend";
  /** Request bodies, an event. */
  bytesPerEvent: number;
  /** On the wire, with what packets add. */
  bitsPerSecond: number;
}

/**
 * A packet of 1,500 bytes carries 1,448 of them, and takes 1,538 of the wire: headers of TCP with time stamps, IP and Ethernet, preamble and
 * gap. Heads of requests are within the rounding.
 */
const PACKET_SHARE = 1538 / 1448;

export function legOf(to: Leg["to"], bytesPerEvent: number, eventsPerSecond: number): Leg {
  return { to, bytesPerEvent, bitsPerSecond: bytesPerEvent * eventsPerSecond * 8 * PACKET_SHARE };
}

/** Gigabits a second of the interfaces that machines are sold with. */
const INTERFACES = [1, 10, 25, 50, 100, 200, 400] as const;

/** The smallest interface that is used no more than so far, Gb/s; undefined: none is. */
export function interfaceFor(bitsPerSecond: number, utilisation: number): number | undefined {
  return INTERFACES.find((gigabits) => bitsPerSecond <= gigabits * 1e9 * utilisation);
}

/** What one of so many machines sends and takes, where every part of the fleet is spread over all of them. */
export interface MachineTraffic {
  sentBitsPerSecond: number;
  takenBitsPerSecond: number;
  /** Gb/s; undefined: no interface is fast enough. */
  interface: number | undefined;
}

export function machineTraffic(legs: readonly Leg[], machines: number, utilisation: number): MachineTraffic {
  const bits = (to: Leg["to"]) => legs.find((leg) => leg.to === to)?.bitsPerSecond ?? 0;
  // Of the Collectors that a replayer sends to, one in so many is on its own machine.
  const between = (bits("collectors") * (1 - 1 / machines)) / machines;
  const sentBitsPerSecond = between + bits("backend") / machines;
  return {
    sentBitsPerSecond,
    takenBitsPerSecond: between,
    interface: interfaceFor(sentBitsPerSecond, utilisation),
  };
}
