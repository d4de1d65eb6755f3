from sites_app.models.approvals import Approval
from sites_app.models.branches import Assignment, BranchRule, Holiday, Site
from sites_app.models.imports import ImportFile, ImportRow, ImportRun
from sites_app.models.maintenance import Equipment, MaintenanceTicket
from sites_app.models.owners import Mandate, Owner
from sites_app.models.properties import Property, Unit
from sites_app.models.sharing import PropertyShare

__all__ = [
    "Approval",
    "Assignment",
    "BranchRule",
    "Equipment",
    "Holiday",
    "ImportFile",
    "ImportRow",
    "ImportRun",
    "MaintenanceTicket",
    "Mandate",
    "Owner",
    "Property",
    "PropertyShare",
    "Site",
    "Unit",
]
