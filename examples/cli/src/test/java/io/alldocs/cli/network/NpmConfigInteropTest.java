package io.alldocs.cli.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** npm itself on the inputs of the tests of this package: what is expected of our commands is what npm does. Needs Node. */
@Tag("interop")
@Timeout(300)
class NpmConfigInteropTest {
    @TempDir
    private Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private LoggingRegistry registry;

    @BeforeEach
    void start() throws IOException {
        registry = keep(new LoggingRegistry(null, "/", "Bearer example-token", "alpha"));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void npmView_registryOfTheProjectAndTokenOfTheUser_areMerged() throws Exception {
        LoggingRegistry other = keep(LoggingRegistry.of("alpha"));
        Files.writeString(folder.resolve(".npmrc"), "registry=http://" + registry.authority() + "/\n");
        Path user = Files.writeString(
                folder.resolve("user.npmrc"),
                "registry=http://" + other.authority() + "/\n//" + registry.authority()
                        + "/:_authToken=example-token\n");

        assertThat(view("alpha", Map.of("npm_config_userconfig", user.toString())))
                .isEqualTo("1.0.0");
        assertThat(registry.saw("/alpha")).isTrue();
        assertThat(other.asked).isEmpty();
    }

    @Test
    void npmView_nameOfAScope_isRequestedFromItsOwnRegistryOnly() throws Exception {
        LoggingRegistry trap = keep(LoggingRegistry.of("plain-pkg"));
        LoggingRegistry own =
                keep(new LoggingRegistry(null, "/npm/team/", "Bearer example-token", "@acme/secret-tool"));
        Files.writeString(
                folder.resolve(".npmrc"),
                "registry=http://" + trap.authority() + "/\n@acme:registry=http://" + own.authority() + "/npm/team/\n//"
                        + own.authority() + "/npm/team/:_authToken=example-token\n");

        assertThat(view("@acme/secret-tool", Map.of())).isEqualTo("1.0.0");
        assertThat(trap.saw("acme")).isFalse();
    }

    @Test
    void npmView_proxyWithAPasswordAndAuthorityOfTheCompany_areUsed() throws Exception {
        LoggingRegistry secure = keep(new LoggingRegistry(Network.server(), "/", "", "alpha"));
        CompanyProxy proxy = keep(new CompanyProxy(secure.port())
                .requiring("Basic am86ZXhhbXBsZS1wdw==", Network.input("02-proxy-password/407.http")));
        Files.writeString(
                folder.resolve(".npmrc"),
                "registry=https://" + CompanyProxy.HOST + "/\nproxy=http://jo:example-pw@" + proxy.authority()
                        + "\ncafile=" + Network.authority(folder) + "\n");

        assertThat(view("alpha", Map.of())).isEqualTo("1.0.0");
        assertThat(proxy.requests()).containsOnly("CONNECT " + CompanyProxy.HOST + ":443 HTTP/1.1");
    }

    private String view(String name, Map<String, String> variables) throws Exception {
        Files.writeString(folder.resolve("package.json"), "{\"name\":\"project\",\"version\":\"1.0.0\"}");
        Map<String, String> all = new HashMap<>(Map.of(
                "npm_config_cache", folder.resolve("npm-cache").toString(),
                "npm_config_userconfig", folder.resolve("none").toString(),
                "npm_config_globalconfig", folder.resolve("no-global").toString(),
                "npm_config_fetch_retries", "0"));
        all.putAll(variables);
        ProcessBuilder builder = new ProcessBuilder("npm", "view", name, "version")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.txt").toFile());
        builder.environment()
                .keySet()
                .removeIf(variable -> variable.toLowerCase(java.util.Locale.ROOT)
                        .matches("npm_.*|.*_proxy|node_extra_ca_certs|ssl_cert_file"));
        builder.environment().putAll(all);
        Process npm = builder.start();
        assertThat(npm.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return Files.readString(folder.resolve("out.txt")).strip();
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }
}
