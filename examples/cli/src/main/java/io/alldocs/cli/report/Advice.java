package io.alldocs.cli.report;

import io.alldocs.sync.SyncReport;

/** Returns the advice of a report, which says what to do next. */
final class Advice {
    private Advice() {}

    static String of(SyncReport report) {
        if (report.status() == SyncReport.Status.INTERRUPTED) {
            return "The report was interrupted. Run the same command again to count all names.";
        }
        if (report.status() == SyncReport.Status.PARTIAL) {
            return ofPartial(report);
        }
        SyncReport.OriginView origin = report.origin();
        if (origin == null) {
            return report.job().origin().isEmpty()
                    ? "Nothing is missing."
                    : "Nothing is missing. Run report without --offline to compare with the origin.";
        }
        boolean isCurrent = origin.feed() != null
                && origin.feed().concerning() == 0
                && origin.feed().whole();
        if (origin.problem() != null) {
            return "Nothing is missing in the cache. It was not compared with the origin, which did not respond.";
        }
        return isCurrent
                ? "Nothing is missing."
                : "Nothing is missing. Run follow or bootstrap to fetch what has changed since.";
    }

    /**
     * Returns the advice for a partial report. An unfinished job is resumed. A job that lost entries after it finished
     * is repaired.
     */
    private static String ofPartial(SyncReport report) {
        SyncReport.OriginView origin = report.origin();
        if (!report.state().givenUp().isEmpty()) {
            return "Workers gave up items. Fix the cause, then run seed, fleet or bootstrap again; stored packuments"
                    + " are reused.";
        }
        if (report.state().finished() == null) {
            String holder = report.state().holder();
            return holder != null
                    ? "The job is running: " + holder + "."
                    : "The job has not finished. Run the same bootstrap command again to resume it; stored"
                            + " packuments are reused.";
        }
        if (origin != null && origin.feed() != null && origin.feed().newEpoch()) {
            return "Run bootstrap again: it compares all names and revisions with the origin.";
        }
        return "Run report --repair: it fetches missing packuments, and lists again the partitions that differ from"
                + " the origin.";
    }
}
