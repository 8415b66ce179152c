package io.alldocs.examples.benchmarks;

import io.alldocs.cli.worker.Fleet;
import io.alldocs.cli.worker.FleetMember;
import io.alldocs.cli.worker.FleetReport;
import io.alldocs.cli.worker.PlanOptions;
import io.alldocs.cli.worker.RedisProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import picocli.CommandLine;

/** A fleet that runs on a separate thread. */
final class RunningFleet implements AutoCloseable {
    private static final List<String> JVM = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

    /**
     * Limit of lost leases. When workers are killed at random, one item may lose more leases than the default limit
     * allows. The default limit is for items that crash their workers.
     */
    private static final String LOST_LEASES = "10";

    private final Fleet fleet;
    private final FutureTask<FleetReport> run;
    private final Thread thread;

    private RunningFleet(Fleet fleet) {
        this.fleet = fleet;
        this.run = new FutureTask<>(fleet::run);
        this.thread = new Thread(run, "fleet");
        thread.start();
    }

    /**
     * Starts a fleet.
     *
     * @param cache variables that select the cache
     * @param more other variables of its workers
     * @param plan options of the job to run
     */
    static RunningFleet start(
            int workers,
            EmbeddedRegistry registry,
            RedisProcess redis,
            Map<String, String> cache,
            Map<String, String> more,
            List<String> plan,
            Path logs,
            Consumer<String> say) {
        Map<String, String> environment = new HashMap<>(cache);
        environment.put("NPM_ORIGIN", registry.origin().toString());
        environment.put("NPM_REGISTRY", registry.origin().toString());
        environment.put("QUEUE_DRIVER", "redis");
        environment.put("REDIS_URL", redis.url());
        environment.put("QUEUE_LOST_LEASES", LOST_LEASES);
        environment.putAll(more);
        PlanOptions options = CommandLine.populateCommand(new PlanOptions(), plan.toArray(String[]::new));
        return new RunningFleet(new Fleet(workers, environment, JVM, options, logs, say));
    }

    List<FleetMember> members() {
        return fleet.members();
    }

    /** Waits up to the given time until the fleet ends. Returns whether it has ended. */
    boolean awaitEnd(long millis) throws InterruptedException, IOException {
        try {
            run.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IOException("The fleet failed: " + e.getCause(), e);
        }
    }

    FleetReport report() throws InterruptedException, IOException {
        try {
            return run.get();
        } catch (ExecutionException e) {
            throw new IOException("The fleet failed: " + e.getCause(), e);
        }
    }

    /** Kills all workers at once with {@code kill -9}; none is restarted. */
    void kill() {
        fleet.members().forEach(FleetMember::kill);
        thread.interrupt();
    }

    /** Stops the fleet as Ctrl-C does, and waits until its processes have exited. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
