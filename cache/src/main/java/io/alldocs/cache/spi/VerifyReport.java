package io.alldocs.cache.spi;

import java.time.Duration;
import java.util.List;

/**
 * Counts of a verification, under the names that npm's cacache uses.
 *
 * @param totalEntries live entries found
 * @param verifiedContent bodies whose size and digest are correct
 * @param badContentCount bodies whose size or digest is wrong
 * @param missingContent entries whose body is missing
 * @param rejectedEntries index records that are incomplete, damaged or unreadable
 * @param reclaimedCount bodies without an entry that were deleted, or would be deleted in a dry run
 * @param reclaimedSizeBytes total size of those bodies
 * @param keptSizeBytes total size of the remaining bodies
 * @param problems the first 1,000 problems, each with its key or file and the reason
 * @param elapsed wall-clock time
 */
public record VerifyReport(
        long totalEntries,
        long verifiedContent,
        long badContentCount,
        long missingContent,
        long rejectedEntries,
        long reclaimedCount,
        long reclaimedSizeBytes,
        long keptSizeBytes,
        List<String> problems,
        Duration elapsed) {

    /** Copies the problems. */
    public VerifyReport {
        problems = List.copyOf(problems);
    }

    /** Returns whether nothing is damaged or missing. Orphaned bodies are ignored. */
    public boolean clean() {
        return badContentCount == 0 && missingContent == 0 && rejectedEntries == 0;
    }
}
