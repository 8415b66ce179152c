package io.alldocs.worker;

import io.alldocs.cache.Env;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A worker in a process of its own; writes its port into the file that is its argument. */
final class WorkerMain {
    private WorkerMain() {}

    public static void main(String[] args) {
        WorkerRuntime runtime = WorkerRuntime.create(Env.system());
        Path part = Path.of(args[0] + ".part");
        try {
            Files.writeString(part, Integer.toString(runtime.server().port()));
            Files.move(part, Path.of(args[0]), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        runtime.run();
    }
}
