package io.alldocs.worker;

import io.alldocs.cache.Env;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A worker as a program: the {@link WorkerRuntime} that the environment names, until SIGTERM (exit code 143) or Ctrl-C
 * (130). Ends with 1 when the worker failed, with 2 when it cannot start, and says why on standard error.
 */
public final class WorkerMain {
    private WorkerMain() {}

    /** Takes no arguments. */
    public static void main(String[] args) {
        enableProxyPasswords();
        System.exit(args.length == 0 ? run(Env.system()) : refuse());
    }

    /**
     * For the mains of workers: lets the JDK's HTTP client send the password of a proxy for https, which it drops
     * unless this system property is empty. Must run before that client is first used. Leaves the property as it is if
     * it is set.
     */
    public static void enableProxyPasswords() {
        if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
            System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        }
    }

    private static int refuse() {
        System.err.println(
                "A worker takes no arguments; environment variables say what it works with, as the Javadoc of "
                        + WorkerRuntime.class.getName() + " lists them.");
        return 2;
    }

    /**
     * Says on standard output where it listens, and works until it fails, or the calling thread is interrupted.
     *
     * @return the exit code; 0 after an interrupt
     */
    public static int run(Env env) {
        try (WorkerRuntime runtime = WorkerRuntime.create(env)) {
            InetSocketAddress address = runtime.server().address();
            System.out.println("Listening on http://" + address.getHostString() + ":" + address.getPort() + "/");
            Optional<Throwable> failure = runtime.run();
            failure.ifPresent(error -> System.err.println("The worker failed: " + error.getMessage()));
            return failure.isPresent() ? 1 : 0;
        } catch (RuntimeException e) {
            System.err.println("The worker cannot start: " + e.getMessage());
            return 2;
        }
    }
}
