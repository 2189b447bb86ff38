/** What could not be measured, in one line. */
export class CalibrationError extends Error {
  override readonly name = "CalibrationError";
  readonly code = "calibration_failed";
}
