package io.alldocs.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Checks that no library holds a monitor ({@code synchronized}) around a call that blocks. Before JDK 24, a virtual
 * thread that blocks in a monitor also blocks the platform thread that runs it. A test on a later JDK cannot see the
 * fault, so this one reads the class files.
 */
class MonitorTest {
    /** Programs, test suites and the servers of tests. */
    private static final Pattern NO_LIBRARY = Pattern.compile(
            "io\\.alldocs\\.(cli|examples|house|storage\\.emulators|\\w+(\\.\\w+)?\\.contract)(\\..*)?");

    /** Allowed monitors, each with the reason. */
    private static final Map<String, String> ALLOWED = Map.of();

    @Test
    void libraries_holdNoMonitorAroundBlockingCalls() {
        List<byte[]> files = new ArrayList<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.alldocs")) {
            if (!NO_LIBRARY.matcher(type.getPackageName()).matches()) {
                files.add(classFile(type));
            }
        }

        Map<String, String> found = new TreeMap<>(new CallGraph(files).monitorsAroundBlockingCalls());

        assertThat(found.keySet()).as("exceptions that are needed").containsAll(ALLOWED.keySet());
        found.keySet().removeAll(ALLOWED.keySet());
        assertThat(found.values())
                .as("monitors around blocking calls; use a ReentrantLock, or move the call out")
                .isEmpty();
    }

    @Test
    void rule_monitorAroundBlockingCall_isFound() {
        assertThat(found(Planted.class))
                .containsOnlyKeys(
                        "MonitorTest.Planted.direct",
                        "MonitorTest.Planted.inABlock",
                        "MonitorTest.Planted.throughTwoHops",
                        "MonitorTest.Planted.throughAnInterface",
                        "MonitorTest.Planted.throughALambda",
                        "MonitorTest.Planted.inAConcurrentMap")
                .containsEntry("MonitorTest.Planted.direct", "MonitorTest.Planted.direct > BlockingQueue.take")
                .containsEntry(
                        "MonitorTest.Planted.throughTwoHops",
                        "MonitorTest.Planted.throughTwoHops > MonitorTest.Planted.firstHop"
                                + " > MonitorTest.Planted.secondHop > BlockingQueue.take");
    }

    private static Map<String, String> found(Class<?> planted) {
        List<byte[]> files = new ArrayList<>();
        files.add(classFile(planted));
        for (Class<?> nested : planted.getDeclaredClasses()) {
            files.add(classFile(nested));
        }
        return new CallGraph(files).monitorsAroundBlockingCalls();
    }

    /** Six methods with the fault, and five without. They are never called. The rule reads their class files. */
    @SuppressWarnings({"UnusedMethod", "UnusedNestedClass"})
    private static final class Planted {
        private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<String, String> map = new TreeMap<>();
        private final ConcurrentHashMap<String, String> values = new ConcurrentHashMap<>();

        interface Source {
            String next() throws InterruptedException;
        }

        static final class QueueSource implements Source {
            private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

            @Override
            public String next() throws InterruptedException {
                return queue.take();
            }
        }

        synchronized String direct() throws InterruptedException {
            return queue.take();
        }

        void inABlock() throws InterruptedException {
            synchronized (this) {
                if (!queue.isEmpty()) {
                    queue.put("x");
                }
            }
        }

        synchronized String throughTwoHops() throws InterruptedException {
            return firstHop();
        }

        private String firstHop() throws InterruptedException {
            return secondHop();
        }

        private String secondHop() throws InterruptedException {
            return queue.take();
        }

        synchronized String throughAnInterface(Source source) throws InterruptedException {
            return source.next();
        }

        synchronized String throughALambda() {
            return run(() -> uninterrupted(queue));
        }

        String inAConcurrentMap() {
            return values.computeIfAbsent("x", key -> uninterrupted(queue));
        }

        private static String run(Supplier<String> call) {
            return call.get();
        }

        private static String uninterrupted(BlockingQueue<String> queue) {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                return "";
            }
        }

        String underALock() throws InterruptedException {
            lock.lock();
            try {
                return queue.take();
            } finally {
                lock.unlock();
            }
        }

        String afterTheBlock() throws InterruptedException {
            synchronized (this) {
                map.clear();
            }
            return queue.take();
        }

        String afterABlockThatThrows(int length) throws InterruptedException {
            try {
                synchronized (this) {
                    map.put("x", "y".repeat(length));
                }
            } catch (IllegalArgumentException e) {
                return queue.take();
            }
            return "";
        }

        synchronized void withoutBlocking() {
            map.remove("x");
        }

        synchronized void onAnotherThread() {
            new Thread(() -> uninterrupted(queue)).start();
        }
    }

    private static byte[] classFile(Class<?> type) {
        String name = "/" + type.getName().replace('.', '/') + ".class";
        try (InputStream in = Objects.requireNonNull(MonitorTest.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] classFile(JavaClass type) {
        try (InputStream in = type.getSource().orElseThrow().getUri().toURL().openStream()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
