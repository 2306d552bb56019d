using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>The rollback by annotation that old clients ask for.</summary>
public sealed class AnnotatedRollbackTests
{
    private readonly ControllerWorld _world = new();

    private string Image => _world.Deployment.Template.ToJson()["spec"]!["containers"]![0]!["image"]!.ToString();

    private async Task StartAsync(int templates)
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(2));
        await _world.FinishAsync();
        for (var template = 2; template <= templates; template++)
        {
            await _world.ChangeAsync(ControllerWorld.Web, obj =>
            {
                obj["spec"]!["template"] = ControllerWorld.Template($"web:{template}");
                obj["metadata"]!["annotations"]!["example.com/why"] = $"release {template}";
            });
            await _world.FinishAsync();
        }
    }

    private async Task AskAsync(string revision)
    {
        await _world.ChangeAsync(ControllerWorld.Web, obj => obj["metadata"]!["annotations"]!["deprecated.deployment.rollback.to"] = revision);
        await _world.FinishAsync();
    }

    [Theory]
    [InlineData("2", "web:2")]
    [InlineData("0", "web:2")]
    [InlineData("1", "web:1")]
    public async Task The_template_and_the_annotations_of_the_revision_come_back(string revision, string image)
    {
        await StartAsync(3);
        await AskAsync(revision);
        Assert.Equal(image, Image);
        Assert.DoesNotContain("deprecated.deployment.rollback.to", _world.Deployment.Metadata.Annotations.Keys);
        Assert.Equal("4", _world.Deployment.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal(image == "web:2" ? "release 2" : null, _world.Deployment.Metadata.Annotations.GetValueOrDefault("example.com/why"));
        Assert.DoesNotContain("pod-template-hash", _world.Deployment.Template.Labels.Keys);
        Assert.Contains(_world.Events.All, text => text == $"DeploymentRollback: Rolled back deployment \"web\" to revision {(revision == "0" ? "2" : revision)}");
        Assert.Equal(2, _world.Ready);
    }

    [Theory]
    [InlineData(2, "7", "DeploymentRollbackRevisionNotFound: Unable to find the revision to rollback to.")]
    [InlineData(2, "2", "DeploymentRollbackTemplateUnchanged: The rollback revision contains the same template as current deployment \"web\"")]
    [InlineData(1, "0", "DeploymentRollbackRevisionNotFound: Unable to find last revision.")]
    public async Task A_wish_that_cannot_be_granted_is_cleared_and_told(int templates, string revision, string told)
    {
        await StartAsync(templates);
        await AskAsync(revision);
        Assert.Equal($"web:{templates}", Image);
        Assert.DoesNotContain("deprecated.deployment.rollback.to", _world.Deployment.Metadata.Annotations.Keys);
        Assert.Contains(told, _world.Events.All);
    }

    [Fact]
    public async Task What_is_no_number_asks_for_nothing()
    {
        await StartAsync(2);
        await AskAsync("the one before");
        Assert.Equal("web:2", Image);
        Assert.Contains("deprecated.deployment.rollback.to", _world.Deployment.Metadata.Annotations.Keys);
    }
}
