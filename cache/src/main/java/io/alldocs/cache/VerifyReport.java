package io.alldocs.cache;

import io.alldocs.cache.spi.StorageDriver;
import java.time.Duration;
import java.util.List;

/**
 * Counts of a verify, under the names npm's cacache uses.
 *
 * @param totalEntries live entries found
 * @param verifiedContent bodies whose size and digest are right
 * @param badContentCount bodies whose size or digest is wrong
 * @param missingContent entries whose body is not there
 * @param rejectedEntries index records that are torn, damaged or unreadable
 * @param reclaimedCount bodies without an entry (removed, or in a dry run: that would be removed)
 * @param reclaimedSizeBytes their size
 * @param keptSizeBytes size of the bodies that stay
 * @param problems the first 1,000 problems, each naming key or file and what is wrong
 * @param elapsed wall time
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

    /**
     * Verifies any driver through its own methods: lists its keys, reads each value and compares size and digest. A repair deletes entries that are
     * damaged or unreadable, unless their head says that they are young. Values without a recorded digest count as verified when they can be read in
     * full. A store that cannot list cannot be verified this way.
     *
     * @throws StorageException when the store cannot be read
     */
    public static VerifyReport byReading(StorageDriver driver, VerifyOptions options) {
        return new DriverVerification(driver, options).run();
    }

    /** Whether nothing is damaged or missing; orphans do not count. */
    public boolean clean() {
        return badContentCount == 0 && missingContent == 0 && rejectedEntries == 0;
    }
}
