package io.alldocs.worker.internal.progress;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.http.HostLimiter;
import io.alldocs.worker.internal.context.HttpTally;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.WorkClients;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What distinguishes one worker from others: its process, its configuration, its memory, and how its hosts respond.
 * Safe for concurrent use.
 */
final class WorkerFacts {
    private static final @Nullable String VERSION =
            WorkerFacts.class.getPackage().getImplementationVersion();

    private final ItemContext context;
    private final WorkClients clients;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable String host;

    WorkerFacts(ItemContext context) {
        this.context = context;
        this.clients = context.clients();
    }

    /**
     * Adds {@code host}, {@code pid}, {@code version} and {@code java}. Without the worker's jar on the class path
     * there is no version.
     */
    void process(ObjectNode json) {
        json.put("host", host())
                .put("pid", ProcessHandle.current().pid())
                .put("version", VERSION)
                .put("java", Runtime.version().toString());
    }

    /** Looked up once: some systems resolve the host name over the network. */
    private String host() {
        lock.lock();
        try {
            String known = host;
            if (known == null) {
                try {
                    known = InetAddress.getLocalHost().getHostName();
                } catch (UnknownHostException e) {
                    known = Optional.ofNullable(System.getenv("HOSTNAME")).orElse("unknown host");
                }
                host = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Adds {@code registry}, {@code origin}, {@code store} and {@code checkpoints}. */
    void job(ObjectNode json) {
        json.put("registry", clients.registry().map(WorkClients::shown).orElse(null))
                .put("origin", clients.origin().map(WorkClients::shown).orElse(null))
                .put("store", context.cache().driver().name())
                .put("checkpoints", context.checkpoints().driver().name());
    }

    /** Adds {@code usedBytes} and {@code maxBytes} of the Java heap. */
    static void memory(ObjectNode json) {
        Runtime runtime = Runtime.getRuntime();
        json.put("usedBytes", runtime.totalMemory() - runtime.freeMemory()).put("maxBytes", runtime.maxMemory());
    }

    /**
     * Adds {@code requestsPerSecond}, {@code statuses} and {@code noResponse}, and for each host its
     * {@code pausedMillis} and {@code rateLimit}.
     */
    void http(ObjectNode json) {
        HttpTally tally = clients.tally();
        List<Long> perSecond = tally.perSecond();
        perSecond.forEach(json.putArray("requestsPerSecond")::add);
        ObjectNode statuses = json.putObject("statuses");
        tally.byStatus().forEach((status, count) -> statuses.put(status.toString(), count));
        json.put("noResponse", tally.noResponse());
        for (Map.Entry<String, HostLimiter> each : clients.hosts().entrySet()) {
            HostLimiter limiter = each.getValue();
            Duration pause = limiter.pauseLeft();
            double rate = limiter.currentRate();
            ObjectNode host = json.withArray("hosts").addObject().put("host", each.getKey());
            host.put("pausedMillis", pause.toMillis());
            host.put("rateLimit", rate == 0 ? null : (Double) rate);
        }
    }
}
