package io.alldocs.examples.programs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.storage.emulators.Emulator;
import io.alldocs.storage.emulators.FakeFastly;
import io.alldocs.storage.emulators.FakeKv;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compiles and runs an application whose libraries are named modules. */
@Timeout(120)
class ModulePathTest {
    private static final Path SOURCES = Path.of("src", "test", "module-path");
    private static final Set<String> REQUIRED_AUTOMATIC = Set.of("okio", "org.reactivestreams", "org.semver4j");
    private static final String AWS_SDK = "software.amazon.awssdk.";
    private static final String FETCHED = "express OK false\nzod OK true\n";
    private static final String JAVA_HOME = System.getProperty("java.home");

    @TempDir
    private static Path folder;

    @BeforeAll
    static void compile() throws Exception {
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
                Map.of());

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

    @ParameterizedTest
    @MethodSource("stores")
    void application_withAStorageDriver_storesPackuments(Store store) throws Exception {
        try (Emulator server = store.start.call()) {
            Map<String, String> variables = new HashMap<>(store.variables);
            variables.put("STORAGE_DRIVER", store.name);
            variables.put("CACHE_DIR", folder.resolve("cache-" + store.name).toString());
            variables.put(store.address, server.endpoint().toString());

            assertThat(runApplication(variables)).contains(FETCHED);
            assertThat(server.seen().isEmpty()).isEqualTo(store.isLocal());
        }
    }

    /** The server is not S3, which would need its own libraries on this path. It refuses the signed requests. */
    @Test
    void application_withS3_sendsRequests() throws Exception {
        try (Emulator server = new FakeKv();
                EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names("express").start()) {
            Map<String, String> variables = Map.of(
                    "STORAGE_DRIVER",
                    "s3",
                    "CACHE_BUCKET",
                    "cache",
                    "AWS_ENDPOINT_URL_S3",
                    server.endpoint().toString(),
                    "AWS_REGION",
                    "eu-central-1",
                    "AWS_ACCESS_KEY_ID",
                    "id",
                    "AWS_SECRET_ACCESS_KEY",
                    "secret");
            Process process = start(command(registry), variables);

            String output = new String(process.getInputStream().readAllBytes(), UTF_8);

            assertThat(output)
                    .contains("StorageException")
                    .contains("driver s3")
                    .contains("Status Code: 401");
            assertThat(server.seen()).isNotEmpty();
        }
    }

    private static List<Store> stores() {
        Map<String, String> cloudflare = Map.of(
                "CLOUDFLARE_ACCOUNT_ID",
                FakeKv.ACCOUNT,
                "CLOUDFLARE_KV_NAMESPACE_ID",
                FakeKv.NAMESPACE,
                "CLOUDFLARE_API_TOKEN",
                FakeKv.TOKEN,
                "CLOUDFLARE_API_RATE",
                "1000");
        Map<String, String> fastly =
                Map.of("FASTLY_KV_STORE_ID", FakeFastly.STORE, "FASTLY_API_TOKEN", FakeFastly.TOKEN);
        return List.of(
                new Store("filesystem", FakeKv::new, "UNUSED", Map.of()),
                new Store("sqlite", FakeKv::new, "UNUSED", Map.of()),
                new Store("cloudflare", FakeKv::new, "CLOUDFLARE_API_BASE_URL", cloudflare),
                new Store("fastly", FakeFastly::new, "FASTLY_API_URL", fastly));
    }

    /** A store, and the server that emulates it; a local store sends it no request. */
    private record Store(String name, Callable<Emulator> start, String address, Map<String, String> variables) {

        boolean isLocal() {
            return address.equals("UNUSED");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Test
    void modules_always_exportAllPackagesButInternalOnes() {
        List<ModuleDescriptor> modules = Arrays.stream(modulePath().split(File.pathSeparator))
                .flatMap(entry -> ModuleFinder.of(Path.of(entry)).findAll().stream())
                .map(ModuleReference::descriptor)
                .filter(module -> module.name().startsWith("io.alldocs."))
                .toList();

        assertThat(modules).extracting(ModuleDescriptor::name).contains("io.alldocs.cache", "io.alldocs.storage.s3");
        assertThat(modules)
                .allSatisfy(module -> assertThat(module.exports())
                        .as(module.name())
                        .noneMatch(ModuleDescriptor.Exports::isQualified)
                        .extracting(ModuleDescriptor.Exports::source)
                        .containsExactlyInAnyOrderElementsOf(module.packages().stream()
                                .filter(name -> !name.contains(".internal"))
                                .toList()));
    }

    private String runApplication(String transport, String... options) throws Exception {
        return runApplication(Map.of("HTTP_TRANSPORT", transport, "STORAGE_DRIVER", "memory"), options);
    }

    private String runApplication(Map<String, String> variables, String... options) throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("express", "zod").start()) {
            return run(command(registry, options), variables);
        }
    }

    private List<String> command(EmbeddedRegistry registry, String... options) {
        List<String> command = new ArrayList<>(List.of(tool("java")));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "-p",
                folder.resolve("app") + File.pathSeparator + modulePath(),
                "-m",
                "app/app.Main",
                registry.origin().toString()));
        return command;
    }

    private static String tool(String name) {
        return Path.of(JAVA_HOME, "bin", name).toString();
    }

    /** Returns the modules on the class path of this test, without the automatic modules that nothing requires. */
    private static String modulePath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> ModuleFinder.of(Path.of(entry)).findAll().stream()
                        .map(ModuleReference::descriptor)
                        .anyMatch(module -> !module.isAutomatic() || isRequired(module.name())))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean isRequired(String automatic) {
        return REQUIRED_AUTOMATIC.contains(automatic) || automatic.startsWith(AWS_SDK);
    }

    private static String run(List<String> command, Map<String, String> variables)
            throws IOException, InterruptedException {
        Process process = start(command, variables);
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(List<String> command, Map<String, String> variables) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(variables);
        return builder.start();
    }
}
