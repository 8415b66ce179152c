package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.storage.emulators.S3Server;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Runs an S3 server that keeps objects in memory. It runs until its standard input ends, which also happens when the
 * parent process exits.
 */
@Command(name = "s3-server", hidden = true, description = "An S3 server for the chaos programs.")
final class S3ServerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println(JsonNodeFactory.instance
                .objectNode()
                .put("url", S3Server.running().endpoint().toString()));
        out.flush();
        System.in.readAllBytes();
        return 0;
    }
}
