package io.alldocs.cli.bootstrap;

import io.alldocs.cache.Cache;
import io.alldocs.cli.UsageException;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.JobState;
import io.alldocs.sync.SyncJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Chooses a job that is stored in a cache. If the options identify no job, the only stored job is chosen. */
final class StoredJobs {
    private final Cache checkpoints;
    private final String command;
    private final JobOptions options;
    private final Optional<DeletionPolicy> deletions;

    /**
     * @param command name of the command, for the command lines in messages
     * @param deletions the given policy; if empty, the stored job's policy applies
     */
    StoredJobs(Cache checkpoints, String command, JobOptions options, Optional<DeletionPolicy> deletions) {
        this.checkpoints = checkpoints;
        this.command = command;
        this.options = options;
        this.deletions = deletions;
    }

    /**
     * Returns the job that the options identify. Settings that the options leave out are taken from the stored job.
     *
     * @param described the job that the options describe; empty if they identify none
     * @param isKnown whether the job must be stored in the cache
     * @return the job; empty if the options identify none and the cache has none
     * @throws UsageException if the options match no stored job or several; the message lists the stored jobs
     */
    Optional<SyncJob> choose(Optional<SyncJob> described, boolean isKnown) {
        Optional<SyncJob> exact = described.flatMap(this::exact);
        if (exact.isPresent() || (described.isPresent() && !isKnown)) {
            return exact.or(() -> described);
        }
        List<StoredJob> all = StoredJob.all(checkpoints);
        if (all.isEmpty() && !isKnown) {
            return Optional.empty();
        }
        List<StoredJob> meant =
                all.stream().filter(job -> job.isMeantBy(options)).toList();
        if (meant.isEmpty()) {
            throw all.isEmpty()
                    ? new UsageException("The cache contains no job. Run all-docs bootstrap first.")
                    : new UsageException("The cache contains nothing of this job. It contains these jobs:", lines(all));
        }
        if (meant.size() > 1) {
            throw new UsageException(
                    "The cache contains " + meant.size() + " jobs that match; choose one:", lines(meant));
        }
        return Optional.of(meant.get(0).job(options, deletions));
    }

    /**
     * Reads the stored job with the same identifier. Does not list the keys, because a listing would read a whole
     * folder.
     */
    private Optional<SyncJob> exact(SyncJob described) {
        return UsageException.unlessUsable(() -> JobState.find(checkpoints, described))
                .map(state -> new StoredJob(state).completed(described, options, deletions));
    }

    private List<String> lines(List<StoredJob> listed) {
        List<String> lines = new ArrayList<>();
        for (StoredJob job : listed) {
            lines.add("  " + job.words());
            job.commandLine(command, options.cache()).ifPresent(line -> lines.add("      " + line));
        }
        return lines;
    }
}
