package io.alldocs.examples.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves a vendor's store in a separate process. Prints the address, and exits when its standard input ends. */
@Command(name = "serve-store", hidden = true, description = "Serves a vendor's store until standard input ends.")
final class StoreServer implements Callable<Integer> {

    @Parameters
    private VendorStore store = VendorStore.S3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        spec.commandLine().getOut().println(store.serve());
        spec.commandLine().getOut().flush();
        while (System.in.read() >= 0) {
            // Input is ignored.
        }
        // The server's own threads would keep the JVM alive.
        System.exit(0);
        return 0;
    }

    /** A running server process. */
    record Running(Process process, URI endpoint) implements AutoCloseable {

        static Running of(VendorStore store) throws IOException {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Dsun.net.httpserver.nodelay=true",
                            "-Dsun.net.httpserver.maxIdleConnections=1000",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            "serve-store",
                            store.name())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader out = process.inputReader();
            String address = out.readLine();
            if (address == null) {
                throw new IOException("The server of " + store.driver() + " did not start");
            }
            return new Running(process, URI.create(address));
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
