package io.alldocs.examples.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cli.Main;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KubernetesTest {
    private static final Path FOLDER = Repository.DEPLOY.resolve("kubernetes");

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    private static List<HasMetadata> resources(Path file) throws IOException {
        return Manifests.read(Files.readString(file));
    }

    private static List<Container> containers(Path file) throws IOException {
        return Manifests.pods(resources(file))
                .flatMap(pod -> pod.getContainers().stream())
                .toList();
    }

    private static boolean isOurs(Container container) {
        return container.getImage().contains("/all-docs-");
    }

    @Test
    void folder_hasMirrorFleetAndCronJob() throws IOException {
        assertThat(files())
                .extracting(Path::getFileName)
                .map(Path::toString)
                .containsExactly("cronjob.yaml", "fleet.yaml", "mirror.yaml");
    }

    @Test
    void read_misspelledField_fails() throws IOException {
        String yaml = Files.readString(FOLDER.resolve("mirror.yaml"));
        assertThatThrownBy(
                        () -> Manifests.read(yaml.replace("terminationGracePeriodSeconds", "terminationGraceSeconds")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("terminationGraceSeconds");
        assertThatThrownBy(() ->
                        Manifests.read(yaml.replace("      replicas: 1\n", "      replicas: 1\n      replicas: 2\n")
                                .replace("  replicas: 1\n", "  replicas: 1\n  replicas: 2\n")))
                .hasMessageContaining("replicas");
        assertThatThrownBy(() -> Manifests.read(yaml.replace("apps/v1", "apps/v1beta1")))
                .hasMessageContaining("apps/v1beta1 StatefulSet");
    }

    @ParameterizedTest
    @MethodSource("files")
    void pods_runWithoutRootAndPrivileges(Path file) throws IOException {
        assertThat(Manifests.pods(resources(file))).isNotEmpty().allSatisfy(pod -> {
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        });
        assertThat(containers(file)).isNotEmpty().allSatisfy(container -> {
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits()).containsKey("memory");
        });
    }

    @ParameterizedTest
    @MethodSource("files")
    void ourPods_runAsTheUserOfTheImage_andCanWriteWhereItWrites(Path file) throws IOException {
        String user = Dockerfile.read(Repository.DEPLOY.resolve("Dockerfile")).last("worker", "USER");
        Manifests.pods(resources(file))
                .filter(pod -> pod.getContainers().stream().allMatch(KubernetesTest::isOurs))
                .forEach(pod -> {
                    assertThat(pod.getSecurityContext().getRunAsUser() + ":"
                                    + pod.getSecurityContext().getRunAsGroup())
                            .isEqualTo(user);
                    assertThat(pod.getContainers())
                            .allSatisfy(container -> assertThat(container.getVolumeMounts())
                                    .extracting(VolumeMount::getMountPath)
                                    .containsExactlyInAnyOrder("/data", "/tmp"));
                });
    }

    @ParameterizedTest
    @MethodSource("files")
    void mountsAndPorts_areDeclared(Path file) throws IOException {
        List<HasMetadata> resources = resources(file);
        for (HasMetadata resource : resources) {
            PodTemplateSpec template = Manifests.template(resource).orElse(null);
            if (template == null) {
                continue;
            }
            PodSpec pod = template.getSpec();
            List<String> volumes = new ArrayList<>(
                    pod.getVolumes().stream().map(Volume::getName).toList());
            if (resource instanceof StatefulSet set) {
                set.getSpec()
                        .getVolumeClaimTemplates()
                        .forEach(claim -> volumes.add(claim.getMetadata().getName()));
            }
            for (Container container : pod.getContainers()) {
                assertThat(volumes)
                        .containsAll(container.getVolumeMounts().stream()
                                .map(VolumeMount::getName)
                                .toList());
                assertThat(container.getPorts())
                        .extracting(ContainerPort::getName)
                        .containsAll(httpPorts(container));
            }
        }
    }

    private static List<String> httpPorts(Container container) {
        return Stream.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe())
                .filter(Objects::nonNull)
                .map(Probe::getHttpGet)
                .filter(Objects::nonNull)
                .map(action -> action.getPort().getStrVal())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void services_findPodsAndTheirPorts(Path file) throws IOException {
        List<HasMetadata> resources = resources(file);
        for (HasMetadata each : resources) {
            if (!(each instanceof Service service)) {
                continue;
            }
            PodTemplateSpec target = resources.stream()
                    .flatMap(resource -> Manifests.template(resource).stream())
                    .filter(template -> template.getMetadata()
                            .getLabels()
                            .entrySet()
                            .containsAll(service.getSpec().getSelector().entrySet()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(
                            "no pods for " + service.getMetadata().getName()));
            List<ContainerPort> ports = target.getSpec().getContainers().stream()
                    .flatMap(container -> container.getPorts().stream())
                    .toList();
            assertThat(service.getSpec().getPorts()).isNotEmpty().allSatisfy(port -> {
                IntOrString targetPort = port.getTargetPort();
                if (targetPort == null) {
                    assertThat(ports)
                            .extracting(ContainerPort::getContainerPort)
                            .contains(port.getPort());
                } else {
                    assertThat(ports).extracting(ContainerPort::getName).contains(targetPort.getStrVal());
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void arguments_areThoseOfTheProgram(Path file) throws IOException {
        List<Container> ours =
                containers(file).stream().filter(KubernetesTest::isOurs).toList();
        assertThat(ours).isNotEmpty();
        for (Container container : ours) {
            if (!container.getArgs().isEmpty()) {
                assertThat(unknown(container.getArgs())).containsExactly("--no-such-option");
            }
        }
        assertThat(unknown(List.of("mirror", "--hots=0.0.0.0"))).containsExactly("--hots");
    }

    /**
     * Returns the first unknown option that the program reports. Adds an unknown option to {@code args}, so that the
     * program parses the options but does not run.
     */
    private static List<String> unknown(List<String> args) {
        StringWriter err = new StringWriter();
        List<String> withWrong = new ArrayList<>(args);
        withWrong.add("--no-such-option");
        int code = Main.run(
                Map.of(), new PrintWriter(new StringWriter()), new PrintWriter(err), withWrong.toArray(String[]::new));
        assertThat(code).isEqualTo(2);
        return Pattern.compile("Unknown option '(--[a-z-]+)'")
                .matcher(err.toString())
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
