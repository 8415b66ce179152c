package io.alldocs.sync;

import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Sequence;
import java.time.Duration;

/**
 * Receives the events of a job. The default implementation of each method does nothing.
 *
 * <p>The job calls the methods on its working threads, several at the same time. An implementation must be safe for
 * concurrent use and return quickly. A method that blocks delays the calling thread, and with it the job, until it
 * returns; {@link RegistrySync#status} remains available. An exception that a method throws is logged, the first time
 * as a warning, and the job continues. A method may call {@link RegistrySync#close}, and reading methods such as
 * {@link RegistrySync#packument}.
 */
public interface SyncListener {
    /** Ignores every event. */
    SyncListener NONE = new SyncListener() {};

    /**
     * Called when a phase starts; the previous one, if any, has ended.
     *
     * @param total number of names or changes in the phase; 0 if unknown
     */
    default void phaseStarted(SyncPhase phase, long total) {}

    /** Called when {@code count} more names or changes of the current phase are done. */
    default void progressed(long count) {}

    /** Called when the current phase has ended and no other one follows at once. */
    default void phaseEnded() {}

    /**
     * Called when a request returned {@code result}, a packument or another outcome, and it is stored. Names that were
     * current in the cache are not reported. The document of {@code result} can be read until this method returns.
     */
    default void outcome(PackumentResult result) {}

    /**
     * Called when a request failed after all its retries.
     *
     * @param item a package name, or a description of a partition
     */
    default void failed(String item, RuntimeException failure) {}

    /**
     * Called when a change from the feed is stored, at least once for each change of the job's names. After a process
     * was killed, the same change may be reported again. Several changes of a package are reported as one if the feed
     * contains only the newest of them.
     */
    default void changed(ChangedPackage change) {}

    /**
     * Called before everything that is stored is compared with the origin by revision.
     *
     * @param reason why, as a sentence
     */
    default void reconciling(String reason) {}

    /** Called when the job starts to follow the feed from {@code position} on. */
    default void following(Sequence position) {}

    /**
     * Called when the origin's sequence is lower than before. The job checks that once more before it compares
     * everything.
     *
     * @param reason the observation, as a sentence
     */
    default void resetSuspected(String reason) {}

    /**
     * Called when the bootstrap has ended although {@code count} requests failed; they are retried while the feed is
     * followed.
     *
     * @param foreign requests whose response did not come from the registry
     */
    default void requestsFailed(long count, SyncResult.Foreign foreign) {}

    /**
     * Called when the origin, the registry or the store is unavailable; the job waits and retries. Called again when
     * the cause changes.
     */
    default void paused(RuntimeException cause) {}

    /** Called when the origin, the registry and the store are available again, after {@code outage}. */
    default void resumed(Duration outage) {}
}
