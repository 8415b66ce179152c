package io.alldocs.cli.bootstrap;

import io.alldocs.cache.Cache;
import io.alldocs.cli.UsageException;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.JobState;
import io.alldocs.sync.SyncJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Chooses a job that a cache knows of. Options that name no job mean the only one. */
final class StoredJobs {
    private final Cache checkpoints;
    private final String command;
    private final JobOptions options;
    private final Optional<DeletionPolicy> deletions;

    /**
     * @param command in the command lines that name jobs
     * @param deletions a policy that was given; empty for that of the stored job
     */
    StoredJobs(Cache checkpoints, String command, JobOptions options, Optional<DeletionPolicy> deletions) {
        this.checkpoints = checkpoints;
        this.command = command;
        this.options = options;
        this.deletions = deletions;
    }

    /**
     * The job that the options mean, with what is stored of it where they say nothing.
     *
     * @param described the job that the options describe; empty when they name none
     * @param isKnown whether it must be one that the cache knows of
     * @return empty when they name none and the cache knows of none
     * @throws UsageException when none is meant, or several are; it lists those that there are
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
                    ? new UsageException("The cache knows of no job; fetch something with all-docs bootstrap first.")
                    : new UsageException("The cache holds nothing of this job; it knows of:", lines(all));
        }
        if (meant.size() > 1) {
            throw new UsageException(
                    "The cache knows of " + meant.size() + " jobs that may be meant; choose one:", lines(meant));
        }
        return Optional.of(meant.get(0).job(options, deletions));
    }

    /** Needs no listing of keys, which would read a whole folder. */
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
