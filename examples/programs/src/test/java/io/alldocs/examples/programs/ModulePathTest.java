package io.alldocs.examples.programs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs an application whose libraries are named modules. */
@Timeout(120)
class ModulePathTest {
    private static final Path SOURCES = Path.of("src", "test", "module-path");
    private static final Set<String> REQUIRED_AUTOMATIC = Set.of("okio", "org.semver4j");
    private static final String FETCHED = "express OK false\nzod OK true\n";
    private static final String JAVA_HOME = System.getProperty("java.home");

    @TempDir
    private Path folder;

    @BeforeEach
    void compile() throws Exception {
        String compiled = run(
                List.of(
                        tool("javac"),
                        "-Werror",
                        "-p",
                        modulePath(),
                        "-d",
                        folder.resolve("app").toString(),
                        SOURCES.resolve("module-info.java").toString(),
                        SOURCES.resolve("app/Main.java").toString()),
                "jdk");

        assertThat(compiled).isEmpty();
    }

    @Test
    void application_onTheModulePath_fetchesPackuments() throws Exception {
        assertThat(runApplication("jdk")).isEqualTo(FETCHED);
    }

    @Test
    void application_withOkHttp_fetchesPackumentsAndWarnsOfMissingExports() throws Exception {
        assertThat(runApplication("okhttp")).contains(FETCHED).contains("--add-exports");
    }

    @Test
    void application_withOkHttpAndItsExports_fetchesPackuments() throws Exception {
        String[] exports = {
            "--add-exports=okhttp3/okhttp3.internal.connection=io.alldocs.http.okhttp",
            "--add-exports=okhttp3/okhttp3.internal.http=io.alldocs.http.okhttp",
            "--add-modules=io.alldocs.http.okhttp"
        };

        assertThat(runApplication("okhttp", exports)).isEqualTo(FETCHED);
    }

    private String runApplication(String transport, String... options) throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("express", "zod").start()) {
            List<String> command = new ArrayList<>(List.of(tool("java")));
            command.addAll(List.of(options));
            command.addAll(List.of(
                    "-p",
                    folder.resolve("app") + File.pathSeparator + modulePath(),
                    "-m",
                    "app/app.Main",
                    registry.origin().toString()));
            return run(command, transport);
        }
    }

    private static String tool(String name) {
        return Path.of(JAVA_HOME, "bin", name).toString();
    }

    /** Returns the modules on the class path of this test, without the automatic modules that nothing requires. */
    private static String modulePath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> ModuleFinder.of(Path.of(entry)).findAll().stream()
                        .map(ModuleReference::descriptor)
                        .anyMatch(module -> !module.isAutomatic() || REQUIRED_AUTOMATIC.contains(module.name())))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String run(List<String> command, String transport) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HTTP_TRANSPORT", transport);
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
