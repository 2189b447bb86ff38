/** What the kernels of values share: the group that is being written, and when and for which instance. */
import { Moment } from "../../template/values.ts";

/** Its shape, and where its arrays begin (indices into ints and doubles). */
export const group = {
  points: 0,
  width: 0,
  firstByte: 0,
  isDelta: false,
  buckets: 0,
  offsets: 0,
  series: 0,
  rates: 0,
  shared: 0,
  params: 0,
  /** Of the instance, see instanceSalt. */
  salt: 0,
};

/** This point's time since the run began, and that of the one before. */
export const now = new Moment();
export const previous = new Moment();
