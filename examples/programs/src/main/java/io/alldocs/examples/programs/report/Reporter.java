package io.alldocs.examples.programs.report;

import io.alldocs.examples.programs.Progress;
import io.alldocs.examples.programs.bootstrap.BootstrapReport;
import io.alldocs.examples.programs.bootstrap.Form;
import io.alldocs.examples.programs.bootstrap.Inventory;
import io.alldocs.examples.programs.bootstrap.Job;
import io.alldocs.examples.programs.bootstrap.JobClients;
import io.alldocs.examples.programs.bootstrap.JobState;
import io.alldocs.partition.PartitionSet;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes a {@link JobReport}: counts what is stored, then asks the origin what it has. For one thread. */
final class Reporter {
    private final JobClients clients;
    private final String folder;
    private final Progress progress;

    Reporter(JobClients clients, String folder, Progress progress) {
        this.clients = clients;
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * The report. An interrupt ends the counting, and leaves the thread's flag set.
     *
     * @param offline whether nobody is asked
     * @param repair what a repair before it did, or null
     * @throws io.alldocs.examples.programs.UsageException when the job never ran on the cache
     */
    JobReport take(boolean offline, @Nullable BootstrapReport repair) {
        Job job = clients.job();
        Instant now = clients.cache().clock().instant();
        Inventory inventory = new Inventory(
                job, clients.cache(), clients.checkpoints(), clients.partitions(), clients.filter(), progress);
        Census census = new Census(now, job.form() != Form.NAMES, inventory::outcome);
        JobState state = inventory.state();
        List<Inventory.Listed> listed = inventory.visit(census);
        boolean interrupted = Thread.currentThread().isInterrupted();
        boolean asks = !offline && !interrupted && job.origin().isPresent();
        OriginLook look = new OriginLook(clients, progress, state);
        if (asks) {
            look.at(PartitionSet.of(listed.stream().map(Inventory.Listed::range).toList()));
        }
        List<JobReport.Part> parts = IntStream.range(0, listed.size())
                .mapToObj(index -> part(index, listed.get(index), census, look, state))
                .toList();
        return new JobReport(
                now,
                job,
                folder,
                state,
                interrupted || Thread.currentThread().isInterrupted(),
                parts,
                stock(census),
                asks ? look.view() : null,
                repair);
    }

    private static JobReport.Part part(
            int index, Inventory.Listed listed, Census census, OriginLook look, JobState state) {
        return new JobReport.Part(
                listed.range(),
                listed.walked(),
                listed.problem(),
                listed.names(),
                listed.designDocuments(),
                census.outcomes(index),
                census.bytes(index),
                look.documents(index),
                look.changed(index),
                state.stale().contains(index));
    }

    private static JobReport.Stock stock(Census census) {
        return new JobReport.Stock(
                census.documents(),
                census.bytes(),
                census.biggest().stream()
                        .map(sized -> new JobReport.Biggest(sized.name(), sized.bytes()))
                        .toList(),
                census.sizes(),
                census.ages(),
                census.arrivals().step(),
                census.arrivals().steps().stream()
                        .map(step -> new JobReport.Arrival(step.from(), step.events()))
                        .toList());
    }
}
